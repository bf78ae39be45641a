import { CloseButton, Group, Pill, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback, useMediaQuery } from '@mantine/hooks';
import { MagnifyingGlassIcon } from '@radix-ui/react-icons';
import { useState } from 'react';
import { filters } from './filters';
import type { Wanted } from './listing';

interface Props {
  wanted: Wanted;
  onChange: (part: Partial<Wanted>) => void;
}

/** Filters as people know them, search, and the label that was clicked. */
export function ListControls({ wanted, onChange }: Props) {
  const narrow = useMediaQuery('(max-width: 75em)');
  const data = filters.map((f) => ({ value: f.key, label: f.label }));
  const choose = (filter: string | null) => onChange({ filter: filter ?? 'all' });
  return (
    <Group gap="sm" align="center">
      {narrow ? (
        <Select
          aria-label="Which campaigns"
          data={data}
          value={wanted.filter}
          onChange={choose}
          allowDeselect={false}
          w={190}
        />
      ) : (
        <SegmentedControl aria-label="Which campaigns" data={data} value={wanted.filter} onChange={choose} />
      )}
      <Search text={wanted.text} onChange={(text) => onChange({ text })} />
      {wanted.label && (
        <Pill
          withRemoveButton
          onRemove={() => onChange({ label: '' })}
          removeButtonProps={{ 'aria-label': 'All labels', 'aria-hidden': false }}
        >
          Label {wanted.label}
        </Pill>
      )}
      {wanted.series && (
        <Pill
          withRemoveButton
          onRemove={() => onChange({ series: '' })}
          removeButtonProps={{ 'aria-label': 'All campaigns', 'aria-hidden': false }}
        >
          Runs of {wanted.series}
        </Pill>
      )}
    </Group>
  );
}

function Search({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  const later = useDebouncedCallback(onChange, 250);
  const type = (value: string) => {
    setTyped(value);
    later(value);
  };
  return (
    <TextInput
      type="search"
      aria-label="Search by name or id"
      placeholder="Name or id"
      leftSection={<MagnifyingGlassIcon />}
      rightSection={typed && <CloseButton size="sm" aria-label="Clear the search" onClick={() => type('')} />}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      maw={{ sm: 260 }}
      flex="1 1 190px"
    />
  );
}
