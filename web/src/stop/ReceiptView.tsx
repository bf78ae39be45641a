import { Alert, Badge, Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { CheckIcon, CopyIcon, DownloadIcon } from '@radix-ui/react-icons';
import { useState } from 'react';
import type { Receipt } from '../api/types';
import { copyText, download } from '../words/copyText';
import { NumberTile } from '../words/NumberTile';
import { partOf } from '../campaigns/progress';
import { ReceiptCampaigns } from './ReceiptCampaigns';
import { receiptCsv, receiptSentence, receiptText } from './receiptText';
import { ReasonAfter } from './ReasonAfter';
import { useReceipt } from './useStop';

interface Props {
  id: string;
  /** As the stop answered it, where this is shown in place. */
  first?: Receipt;
  onClose?: () => void;
}

/** A receipt with its numbers; it settles while one looks. */
export function ReceiptView({ id, first, onClose }: Props) {
  const { data } = useReceipt(id);
  const receipt = data ?? first;
  if (!receipt) return <Text c="dimmed">Loading the receipt…</Text>;
  return (
    <Stack data-testid="receipt">
      {/* Said to a screen reader at once, and once: what settles later is said politely below. */}
      <Alert color="green" variant="light" role="alert" icon={<CheckIcon />}>
        <Text fw={600} className="numbers">
          {receiptSentence(first ?? receipt)}
        </Text>
      </Alert>
      <SimpleGrid cols={{ base: 2, xs: 3 }} spacing="xs">
        <NumberTile label="handed over" n={receipt.handed_over} testid="handed-over" />
        <NumberTile label="withheld" n={receipt.withheld} testid="withheld" />
        <NumberTile label="in doubt" n={receipt.in_doubt} testid="in-doubt" />
        <NumberTile label="accepted" n={receipt.accepted} testid="accepted" />
        <NumberTile label="failed" n={receipt.failed} />
        <NumberTile label="skipped" n={partOf(receipt, 'skipped')} />
      </SimpleGrid>
      <Group gap="xs" role="status">
        <Badge color={receipt.settled ? 'green' : 'yellow'} variant="light" data-testid="settled">
          {receipt.settled ? 'settled' : 'settling'}
        </Badge>
        <Text size="sm" c="dimmed">
          {receipt.settled
            ? 'Every number is final.'
            : `${receipt.in_flight} verdicts are awaited. What was handed over is final.`}
        </Text>
      </Group>
      {receipt.latch && (
        <Text size="sm">Nothing of this scope starts until somebody releases {receipt.latch}.</Text>
      )}
      <ReceiptCampaigns receipt={receipt} />
      <ReasonAfter receipt={receipt} />
      <ReceiptExports receipt={receipt} />
      {onClose && (
        <Button variant="default" onClick={onClose} data-autofocus>
          Close
        </Button>
      )}
    </Stack>
  );
}

function ReceiptExports({ receipt }: { receipt: Receipt }) {
  const [copied, setCopied] = useState(false);
  const name = receipt.id ?? 'receipt';
  return (
    <Group gap="xs">
      <Button
        size="xs"
        variant="default"
        leftSection={copied ? <CheckIcon /> : <CopyIcon />}
        onClick={async () => setCopied(await copyText(receiptText(receipt)))}
      >
        {copied ? 'Copied' : 'Copy as text'}
      </Button>
      <Button
        size="xs"
        variant="default"
        leftSection={<DownloadIcon />}
        onClick={() => download(`${name}.json`, 'application/json', `${JSON.stringify(receipt, null, 2)}\n`)}
      >
        JSON
      </Button>
      <Button
        size="xs"
        variant="default"
        leftSection={<DownloadIcon />}
        onClick={() => download(`${name}.csv`, 'text/csv', receiptCsv(receipt))}
      >
        CSV
      </Button>
    </Group>
  );
}
