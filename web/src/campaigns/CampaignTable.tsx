import { Table, UnstyledButton } from '@mantine/core';
import { CaretDownIcon, CaretSortIcon, CaretUpIcon } from '@radix-ui/react-icons';
import { createColumnHelper, flexRender, getCoreRowModel, useReactTable, type Header } from '@tanstack/react-table';
import classes from './CampaignTable.module.css';
import { LiveProgress } from './LiveProgress';
import type { Campaign } from '../api/types';
import { fallsByItself, type Sort, type Wanted } from './listing';
import { NameCell } from './NameCell';
import { DueCell } from './Schedule';
import { StateBadge } from './StateBadge';
import { StopButton } from './StopButton';
import { useRowKeys } from './useRowKeys';

const column = createColumnHelper<Campaign>();
const columns = [
  column.display({ id: 'name', header: 'Campaign', cell: ({ row }) => <NameCell campaign={row.original} /> }),
  column.display({
    id: 'state',
    header: 'State',
    cell: ({ row }) => <StateBadge campaign={row.original} />,
  }),
  column.display({ id: 'due', header: 'Schedule', cell: ({ row }) => <DueCell campaign={row.original} /> }),
  column.display({
    id: 'progress',
    header: 'Progress',
    cell: ({ row }) => <LiveProgress campaign={row.original} />,
  }),
  column.display({ id: 'stop', header: '', cell: ({ row }) => <StopButton campaign={row.original} /> }),
];

interface Props {
  rows: Campaign[];
  wanted: Wanted;
  onChange: (part: Partial<Wanted>) => void;
}

export function CampaignTable({ rows, wanted, onChange }: Props) {
  const table = useReactTable({
    data: rows,
    columns,
    getRowId: (c) => String(c.id),
    getCoreRowModel: getCoreRowModel(),
    manualSorting: true,
    manualPagination: true,
  });
  const keys = useRowKeys();
  return (
    <Table className={classes.table} verticalSpacing="sm" withTableBorder highlightOnHover>
      <Table.Thead>
        {table.getHeaderGroups().map((group) => (
          <Table.Tr key={group.id}>
            {group.headers.map((header) => (
              <Head key={header.id} header={header} wanted={wanted} onChange={onChange} />
            ))}
          </Table.Tr>
        ))}
      </Table.Thead>
      <Table.Tbody>
        {table.getRowModel().rows.map((row) => (
          <Table.Tr
            key={row.id}
            tabIndex={0}
            className={classes.row}
            data-campaign={row.id}
            aria-keyshortcuts="s Enter"
            onKeyDown={(event) => keys(event, row.original)}
          >
            {row.getVisibleCells().map((cell) => (
              <Table.Td key={cell.id} className={classes[cell.column.id]}>
                {flexRender(cell.column.columnDef.cell, cell.getContext())}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

const sortable = new Set<string>(['name', 'state', 'due']);

function Head({ header, wanted, onChange }: { header: Header<Campaign, unknown> } & Omit<Props, 'rows'>) {
  const { id } = header.column;
  const text = flexRender(header.column.columnDef.header, header.getContext());
  if (!sortable.has(id)) {
    return (
      <Table.Th scope="col" className={classes[id]}>
        {id === 'stop' ? <span className="visually-hidden">Stop</span> : text}
      </Table.Th>
    );
  }
  const sort = id as Sort;
  const sorted = wanted.sort === sort;
  // First click: the usual way round; second: the other; third: newest first again.
  const turn = () => {
    if (!sorted) return onChange({ sort, descending: fallsByItself(sort) });
    if (wanted.descending === fallsByItself(sort)) return onChange({ descending: !wanted.descending });
    onChange({ sort: 'newest', descending: true });
  };
  const Icon = !sorted ? CaretSortIcon : wanted.descending ? CaretDownIcon : CaretUpIcon;
  return (
    <Table.Th
      scope="col"
      className={classes[id]}
      aria-sort={sorted ? (wanted.descending ? 'descending' : 'ascending') : 'none'}
    >
      <UnstyledButton onClick={turn} className={classes.sort}>
        {text} <Icon />
      </UnstyledButton>
    </Table.Th>
  );
}
