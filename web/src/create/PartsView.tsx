import { List, Text } from '@mantine/core';
import type { components } from '../api/schema.gen';
import { count } from '../words/numbers';
import type { Draft } from './draft';
import { useExplained } from './useEstimate';

type Part = components['schemas']['ExplainedPart'];

/** The query part by part, each with how many it holds for: what leaves nobody shows at a glance. */
export function PartsView({ draft }: { draft: Draft }) {
  const { data } = useExplained(draft);
  if (!data?.parts || data.parts.length < 2) return null;
  return <Parts parts={data.parts} />;
}

function Parts({ parts }: { parts: Part[] }) {
  return (
    <List size="sm" mt={4} className="numbers" data-testid="parts">
      {parts.map((part) => (
        <List.Item key={part.in_words}>
          <Text span size="sm" className="breakable" dir="auto">
            {part.in_words}: {count(part.people)}
          </Text>
          {part.parts && part.parts.length > 1 && <Parts parts={part.parts} />}
        </List.Item>
      ))}
    </List>
  );
}
