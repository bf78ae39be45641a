import type { Scope } from '../api/types';

/** A scope in words, as a sentence goes on: "campaign 1457432766", "everything of TEST-123-4567". */
export function scopeInWords(scope: Scope): string {
  if (scope.campaign !== undefined) return `campaign ${scope.campaign}`;
  if (scope.label !== undefined) return `every campaign labelled “${scope.label}”`;
  if (scope.channel !== undefined) return `every ${scope.channel} campaign`;
  if (scope.provider !== undefined) return `everything sent through “${scope.provider}”`;
  if (scope.account !== undefined) return `everything of account ${scope.account}`;
  return 'everything';
}
