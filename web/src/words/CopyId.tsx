import { UnstyledButton } from '@mantine/core';
import { CheckIcon, CopyIcon } from '@radix-ui/react-icons';
import { useState, type MouseEvent } from 'react';
import classes from './CopyId.module.css';
import { copyText } from './copyText';

/** An id that a click copies. */
export function CopyId({ id, of = 'campaign' }: { id: string | number; of?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (event: MouseEvent) => {
    event.stopPropagation();
    setCopied(await copyText(String(id)));
    setTimeout(() => setCopied(false), 1600);
  };
  return (
    <UnstyledButton className={classes.id} onClick={copy} aria-label={`Copy ${of} id ${id}`} title="Copy">
      {id} {copied ? <CheckIcon /> : <CopyIcon />}
      <span className="visually-hidden" role="status">
        {copied ? 'Copied' : ''}
      </span>
    </UnstyledButton>
  );
}
