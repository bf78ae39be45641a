import { JsonInput, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { PushPreview } from '../campaign/PushPreview';
import type { StepProps } from './step';

export function ContentStep({ draft, change, problems }: StepProps) {
  if (draft.channel === 'webhook') {
    return (
      <JsonInput
        label="Own pairs"
        description="Sent with each request, as texts"
        autosize
        minRows={5}
        value={draft.pairs}
        error={problems.pairs}
        onChange={(pairs) => change({ pairs })}
      />
    );
  }
  const push = { title: draft.title, body: draft.body, link: draft.link || undefined };
  return (
    <Stack>
      <TextInput
        label="Title"
        required
        dir="auto"
        value={draft.title}
        error={problems.title}
        onChange={(e) => change({ title: e.currentTarget.value })}
      />
      <Textarea
        label="Text"
        required
        dir="auto"
        autosize
        minRows={3}
        value={draft.body}
        error={problems.body}
        onChange={(e) => change({ body: e.currentTarget.value })}
      />
      <TextInput
        label="Opens"
        description="A deep link or address; may be left empty"
        value={draft.link}
        onChange={(e) => change({ link: e.currentTarget.value })}
      />
      <Text size="xs" c="dimmed">
        <code>{'{{ Profile.Name | default: "there" }}'}</code> puts a person’s property in.
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <PushPreview device="android" push={push} />
        <PushPreview device="ios" push={push} />
      </SimpleGrid>
    </Stack>
  );
}
