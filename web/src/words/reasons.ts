// Why a message did not leave, or what is not known of it: the server's names in the words of people. Pure.

const words: Record<string, string> = {
  address_dead: 'the address was gone before',
  recipient_gone: 'deleted since',
  content_error: 'the content cannot be made for them',
  unregistered: 'the address is gone',
  rejected: 'refused by the provider',
  unauthorized: 'the provider does not let us in',
  attempts_used_up: 'told to come later, every time',
  unreachable: 'the provider was out of reach',
  stopped_in_retry: 'stopped before the next attempt',
  no_answer: 'no answer in time',
  connection_lost: 'the connection broke',
  crash: 'the server died before the answer',
  local_time_passed: 'the time had passed where they are',
  cut_off_passed: 'not before the day’s cut-off',
  quiet_hours: 'in their quiet hours',
  frequency_cap: 'had as many messages as the account allows',
  control_group: 'in the control group',
};

/** A reason that is newer than this page is said by its name. */
export const reasonInWords = (reason: string) => words[reason] ?? reason.replaceAll('_', ' ');
