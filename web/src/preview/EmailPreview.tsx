import { Text } from '@mantine/core';
import { useCallback, useEffect, useRef } from 'react';
import classes from './EmailPreview.module.css';
import { showMail } from './mailFrame';

interface Props {
  subject: string;
  sender: string;
  html: string;
}

/** An e-mail as a phone shows it. Its HTML is a stranger's: it may run nothing, load nothing, lead nowhere. */
export function EmailPreview({ subject, sender, html }: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  const show = useCallback(
    () => frame.current?.contentDocument && showMail(frame.current.contentDocument, html),
    [html],
  );
  useEffect(() => void show(), [show]);
  return (
    <figure className={classes.screen} data-testid="preview">
      <div className={classes.head}>
        <Text fw={650} dir="auto" className="breakable" c="#14171a">
          {subject || '(no subject)'}
        </Text>
        <Text size="xs" c="#4a5157" dir="auto" className="breakable">
          {sender || '(no sender)'} · now
        </Text>
      </div>
      {/* No scripts: only what this page puts in. Of the same origin, so that this page can. */}
      <iframe ref={frame} title="The e-mail" sandbox="allow-same-origin" className={classes.mail} onLoad={show} />
    </figure>
  );
}
