import type { components } from '../api/schema.gen';
import { useChange, useThings } from './useThings';

export type Settings = components['schemas']['Settings'];
const path = '/api/v1/settings';

export const useSettings = () => useThings<Settings>('settings', path);
export const usePutSettings = () =>
  useChange('settings', (client, wanted: Settings) => client.put<Settings>(path, wanted));

const usual = 1000;

/** From so many people on their number is typed; as usual while the account's own is not known. */
export const useConfirmFrom = () => useSettings().data?.confirm_from ?? usual;
