import { ApiError } from '../api/client';
import { useSound } from '../preview/useRendered';
import { hasContent, madeOf, type Draft, type Problems } from './draft';

interface Refused {
  at: Problems;
  /** About what has no field of its own. */
  elsewhere?: string;
}

const none: Refused = { at: {} };

/** What the server would refuse of the content, at its field: a mistake in a template, say. */
export function useContentProblems(draft: Draft): Refused {
  const { error } = useSound(hasContent(draft) ? madeOf(draft) : undefined);
  if (!(error instanceof ApiError) || error.status !== 400) return none;
  const field = error.field?.replace(/^content\./, '') ?? '';
  if (draft.channel === 'push' && (field === 'title' || field === 'body'))
    return { at: { [field]: error.message } };
  if (draft.channel === 'push' && field.startsWith('platform_specific'))
    return { at: { platforms: error.message } };
  if (draft.channel === 'email' && field === 'subject') return { at: { subject: error.message } };
  if (draft.channel === 'email' && field === 'body') return { at: { html: error.message } };
  if (draft.channel === 'sms' && field === 'body') return { at: { text: error.message } };
  if (draft.channel === 'webhook') return { at: { pairs: error.message } };
  return { at: {}, elsewhere: error.message };
}
