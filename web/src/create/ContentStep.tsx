import {
  Checkbox,
  Collapse,
  Group,
  JsonInput,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
  UnstyledButton,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { CaretDownIcon, CaretRightIcon } from '@radix-ui/react-icons';
import { useEffect, useState } from 'react';
import { EmailPreview } from '../preview/EmailPreview';
import { PushPreviews } from '../preview/PushPreviews';
import { SmsPreview } from '../preview/SmsPreview';
import type { Content } from '../preview/pushContent';
import { ForWhom } from '../preview/ForWhom';
import { useRendered } from '../preview/useRendered';
import { contentOf, madeOf, type Draft } from './draft';
import { useContentProblems } from './useContentProblems';
import type { StepProps } from './step';

const steps: Record<Draft['channel'], (props: StepProps) => React.ReactNode> = {
  push: PushContent,
  webhook: WebhookContent,
  email: EmailContent,
  sms: SmsContent,
};

/** What they get, beside how it will look. */
export function ContentStep(props: StepProps) {
  // Fields that grow with their text were measured before the columns had their width.
  useEffect(() => {
    const frame = requestAnimationFrame(() => window.dispatchEvent(new Event('resize')));
    return () => cancelAnimationFrame(frame);
  }, []);
  const Fields = steps[props.draft.channel];
  const refused = useContentProblems(props.draft);
  return (
    <>
      <Fields {...props} problems={{ ...refused.at, ...props.problems }} />
      {refused.elsewhere && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {refused.elsewhere}
        </Text>
      )}
    </>
  );
}

const PropertyHint = () => (
  <Text size="xs" c="dimmed">
    <code>{'{{ Profile.Name | default: "there" }}'}</code> puts a person’s property in.
  </Text>
);

function PushContent({ draft, change, problems }: StepProps) {
  const [more, { toggle }] = useDisclosure(draft.platforms.trim() !== '{}');
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
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
          maxRows={12}
          value={draft.body}
          error={problems.body}
          onChange={(e) => change({ body: e.currentTarget.value })}
        />
        <PropertyHint />
        <TextInput
          label="Opens"
          description="A deep link or address; may be left empty"
          value={draft.link}
          onChange={(e) => change({ link: e.currentTarget.value })}
        />
        <TextInput
          label="Android’s notification channel"
          description="As the app names it; needed where the push opens something"
          autoCapitalize="off"
          spellCheck={false}
          value={draft.notice}
          error={problems.notice}
          onChange={(e) => change({ notice: e.currentTarget.value })}
        />
        <UnstyledButton onClick={toggle} aria-expanded={more}>
          <Group gap={4}>
            {more ? <CaretDownIcon /> : <CaretRightIcon />}
            <Text size="sm">Each platform’s own keys</Text>
          </Group>
        </UnstyledButton>
        <Collapse in={more}>
          <JsonInput
            label="platform_specific, as in create.json"
            autosize
            minRows={4}
            maxRows={20}
            value={draft.platforms}
            error={problems.platforms}
            onChange={(platforms) => change({ platforms })}
          />
        </Collapse>
      </Stack>
      <PushPreviews content={contentOf(draft) as Content} />
    </SimpleGrid>
  );
}

function WebhookContent({ draft, change, problems }: StepProps) {
  return (
    <Stack>
      <JsonInput
        label="Own pairs"
        description="Sent with each request, as texts"
        autosize
        minRows={5}
        maxRows={20}
        value={draft.pairs}
        error={problems.pairs}
        onChange={(pairs) => change({ pairs })}
      />
      <Checkbox.Group label="And of each person" value={draft.fields} onChange={(fields) => change({ fields })}>
        <Group mt={6}>
          <Checkbox value="profile-attributes" label="their properties" />
          <Checkbox value="identities" label="their identities" />
          <Checkbox value="tokens" label="their devices’ tokens" />
        </Group>
      </Checkbox.Group>
    </Stack>
  );
}

function EmailContent({ draft, change, problems }: StepProps) {
  const { identity, setIdentity, answer, texts } = useOnePerson(draft);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
      <Stack>
        <TextInput
          label="Sender’s name"
          required
          dir="auto"
          value={draft.sender}
          error={problems.sender}
          onChange={(e) => change({ sender: e.currentTarget.value })}
        />
        <TextInput
          label="Subject"
          required
          dir="auto"
          value={draft.subject}
          error={problems.subject}
          onChange={(e) => change({ subject: e.currentTarget.value })}
        />
        <Textarea
          label="HTML"
          required
          autosize
          minRows={8}
          maxRows={24}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={draft.html}
          error={problems.html}
          onChange={(e) => change({ html: e.currentTarget.value })}
        />
        <PropertyHint />
      </Stack>
      <Stack gap={6}>
        <EmailPreview
          subject={texts?.['subject'] ?? draft.subject}
          sender={texts?.['sender_name'] ?? draft.sender}
          html={texts?.['body'] ?? draft.html}
        />
        <ForWhom identity={identity} onIdentity={setIdentity} answer={answer} />
        <Text size="xs" c="dimmed" ta="center">
          Here images are named, links lead nowhere, and nothing is loaded.
        </Text>
      </Stack>
    </SimpleGrid>
  );
}

function SmsContent({ draft, change, problems }: StepProps) {
  const { identity, setIdentity, answer, texts } = useOnePerson(draft);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
      <Stack>
        <Textarea
          label="Text"
          required
          dir="auto"
          autosize
          minRows={4}
          maxRows={12}
          value={draft.text}
          error={problems.text}
          onChange={(e) => change({ text: e.currentTarget.value })}
        />
        <PropertyHint />
      </Stack>
      <Stack gap="sm">
        <SmsPreview text={texts?.['body'] ?? draft.text} />
        <ForWhom identity={identity} onIdentity={setIdentity} answer={answer} />
      </Stack>
    </SimpleGrid>
  );
}

/** The one text of a channel without platforms, for one person. */
function useOnePerson(draft: Draft) {
  const [identity, setIdentity] = useState('');
  const answer = useRendered(madeOf(draft), identity);
  const texts = identity.trim() && answer.data ? Object.values(answer.data.rendered)[0] : undefined;
  return { identity, setIdentity, answer, texts };
}
