import { Loader, SimpleGrid, Stack, Text } from '@mantine/core';
import { counted } from '../words/numbers';
import { NumberTile } from '../words/NumberTile';
import { outlookInWords, touched, type Foreseen } from './outlook';

interface Props {
  outlook: Foreseen | undefined;
  /** What the page knew already: shown until there is an outlook. */
  known?: Foreseen;
  failed: boolean;
  /** Name how many campaigns it touches: for scopes wider than one. */
  wide?: boolean;
}

/** What a stop would do now, in words and in numbers that count while one looks. */
export function OutlookView({ outlook, known, failed, wide }: Props) {
  const shown = outlook ?? known;
  const campaigns = shown ? touched(shown) : 0;
  return (
    <Stack gap="xs">
      {shown && (
        <>
          <Text className="numbers" data-testid="outlook">
            {wide && campaigns > 0 && <b>{counted(campaigns, 'campaign')}. </b>}
            {outlookInWords(shown)}
          </Text>
          {shown.audience > 0 && (
            <SimpleGrid cols={3} spacing="xs">
              <NumberTile label="are out" n={shown.out} />
              <NumberTile label="would be withheld" n={shown.would_be_withheld} strong />
              <NumberTile label="on the wire, at most" n={shown.on_the_wire} />
            </SimpleGrid>
          )}
        </>
      )}
      {(!outlook || failed) && <Late failed={failed} known={shown !== undefined} />}
    </Stack>
  );
}

/** The numbers are not there, or not of this moment: whoever wants to stop need not care. */
function Late({ failed, known }: { failed: boolean; known: boolean }) {
  const says = failed
    ? 'The numbers of this moment cannot be had.'
    : known
      ? 'As the page knew it last; counting anew…'
      : 'Counting…';
  return (
    <Text c="dimmed" size="sm">
      {!failed && <Loader size={12} aria-hidden />} {says} Stopping does not wait for them.
    </Text>
  );
}
