/** A browser's 2026-11-24T09:30 as the API takes it, "20261124 09:30"; undefined: now. */
export const whenFrom = (field: string | undefined) =>
  field === undefined ? 'now' : `${field.slice(0, 10).replaceAll('-', '')} ${field.slice(11, 16)}`;
