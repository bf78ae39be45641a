import { Loader, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Outlook } from '../api/types';
import { counted } from '../words/numbers';
import { NumberTile } from '../words/NumberTile';
import { outlookInWords, touched } from './outlook';

interface Props {
  outlook: Outlook | undefined;
  failed: boolean;
  /** Name how many campaigns it touches: for scopes wider than one. */
  wide?: boolean;
}

/** What a stop would do now, in words and in numbers that count while one looks. */
export function OutlookView({ outlook, failed, wide }: Props) {
  if (!outlook) {
    return (
      <Text c="dimmed">
        {failed ? (
          'The numbers cannot be had just now. '
        ) : (
          <>
            <Loader size="xs" aria-hidden /> Counting…{' '}
          </>
        )}
        Stopping does not wait for them.
      </Text>
    );
  }
  const campaigns = touched(outlook);
  return (
    <Stack gap="xs">
      <Text className="numbers" data-testid="outlook">
        {wide && campaigns > 0 && <b>{counted(campaigns, 'campaign')}. </b>}
        {outlookInWords(outlook)}
      </Text>
      {outlook.audience > 0 && (
        <SimpleGrid cols={3} spacing="xs">
          <NumberTile label="are out" n={outlook.out} />
          <NumberTile label="would be withheld" n={outlook.would_be_withheld} strong />
          <NumberTile label="on the wire, at most" n={outlook.on_the_wire} />
        </SimpleGrid>
      )}
    </Stack>
  );
}
