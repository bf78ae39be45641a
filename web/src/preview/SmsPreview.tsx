import { Stack, Text } from '@mantine/core';
import { counted } from '../words/numbers';
import classes from './SmsPreview.module.css';
import { smsParts } from './smsParts';

/** A text message as a phone shows it, and how many parts it is sent in. */
export function SmsPreview({ text }: { text: string }) {
  const { unicode, places, parts, room } = smsParts(text);
  return (
    <Stack gap={6} align="center">
      <figure className={classes.screen} data-testid="preview">
        <Text size="sm" dir="auto" className={classes.bubble}>
          {text || '(no text)'}
        </Text>
      </figure>
      <Text size="xs" c="dimmed" className="numbers" data-testid="sms-parts">
        {counted(parts, 'part')}: {places} of {room} places{unicode && ', as Unicode'}
      </Text>
    </Stack>
  );
}
