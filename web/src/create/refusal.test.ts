import { expect, it } from 'vitest';
import { stepOf, stepTitles } from './refusal';

const title = (message: string) => {
  const step = stepOf(message);
  return step === undefined ? undefined : stepTitles[step];
};

it('leads from a refusal to the step where it can be mended', () => {
  expect(title('content.title is required for a push')).toBe('Content');
  expect(title('Notification channel is required for devices having Android 8.0 or above')).toBe('Content');
  expect(title('when.repeats_every must be from 1 to 365')).toBe('When');
  expect(title('guardrails.canary must be at least 1')).toBe('Guardrails');
  expect(title('where.profile_fields[0].operator is not known')).toBe('To whom');
  expect(title('provider_nick_name "x" is none of the account')).toBe('What');
  expect(title('A latch stands: nothing starts')).toBeUndefined();
});
