import { Alert, Button, Code, Modal, Stack, Text } from '@mantine/core';
import { CheckIcon, CopyIcon } from '@radix-ui/react-icons';
import { useState } from 'react';
import { copyText } from '../words/copyText';

export interface Secret {
  title: string;
  says: string;
  text: string;
}

/** A secret, this once. A click beside it does not close it. */
export function SecretOnce({ secret, onClose }: { secret: Secret | undefined; onClose: () => void }) {
  return (
    <Modal
      opened={secret !== undefined}
      onClose={onClose}
      title={secret?.title}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {secret && <Body secret={secret} onClose={onClose} />}
    </Modal>
  );
}

function Body({ secret, onClose }: { secret: Secret; onClose: () => void }) {
  const [copied, setCopied] = useState(false);
  return (
    <Stack>
      <Text size="sm">{secret.says}</Text>
      <Code block className="breakable" data-testid="secret" style={{ whiteSpace: 'pre-wrap' }}>
        {secret.text}
      </Code>
      <Button
        leftSection={copied ? <CheckIcon /> : <CopyIcon />}
        onClick={async () => setCopied(await copyText(secret.text))}
      >
        {copied ? 'Copied' : 'Copy'}
      </Button>
      <Alert color="yellow" variant="light">
        It is shown only now: nobody can read it later.
      </Alert>
      <Button variant="default" onClick={onClose}>
        I have it
      </Button>
    </Stack>
  );
}
