import { Paper, Stack, Text, Title } from '@mantine/core';
import { useParams } from 'react-router-dom';
import { Failure } from '../app/Failure';
import { inZone, viewerZone } from '../words/times';
import { ReceiptView } from './ReceiptView';
import { scopeInWords } from './scope';
import { useReceipt } from './useStop';

export default function StopPage() {
  const { id = '' } = useParams();
  const { data, error } = useReceipt(id);
  return (
    <Stack maw={720}>
      <Title order={1} size="h2">
        Receipt {id}
      </Title>
      <Failure of={error} />
      {data && (
        <>
          <Text className="breakable">
            {data.campaign_name ?? scopeInWords(data.scope)}, asked for at {inZone(data.at, viewerZone(), true)} by{' '}
            {data.actor}
          </Text>
          <Paper withBorder p="md">
            <ReceiptView id={id} />
          </Paper>
        </>
      )}
    </Stack>
  );
}
