import { Button, type ButtonProps } from '@mantine/core';
import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { holdShare, secondPressCounts } from './hold';
import classes from './HoldButton.module.css';

interface Props extends ButtonProps {
  onHeld: () => void;
  children: string;
}

/** A button that does what it says when it is held down. */
export function HoldButton({ onHeld, children, disabled, ...rest }: Props) {
  const [since, setSince] = useState<number>();
  const [share, setShare] = useState(0);
  const [asked, setAsked] = useState<number>();
  const held = useRef(onHeld);
  held.current = onHeld;

  useEffect(() => {
    if (since === undefined) return;
    let frame = requestAnimationFrame(function look() {
      const now = holdShare(since, performance.now());
      setShare(now);
      if (now < 1) return void (frame = requestAnimationFrame(look));
      setSince(undefined);
      setShare(0);
      held.current();
    });
    return () => cancelAnimationFrame(frame);
  }, [since]);

  const begin = () => !disabled && setSince((old) => old ?? performance.now());
  const end = () => {
    setSince(undefined);
    setShare(0);
  };
  const isPress = (event: KeyboardEvent) => event.key === ' ' || event.key === 'Enter';
  const clicked = (event: MouseEvent) => {
    if (event.detail !== 0) return; // a pointer holds; only what presses without one comes with 0
    if (secondPressCounts(asked, performance.now())) return held.current();
    setAsked(performance.now());
  };

  return (
    <Button
      {...rest}
      disabled={disabled}
      className={classes.hold}
      style={{ '--share': share }}
      onPointerDown={begin}
      onPointerUp={end}
      onPointerLeave={end}
      onPointerCancel={end}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!isPress(event)) return;
        event.preventDefault(); // the browser's own click would count as a press without hold
        if (!event.repeat) begin();
      }}
      onKeyUp={(event) => {
        if (isPress(event)) event.preventDefault();
        end();
      }}
      onBlur={end}
      onClick={clicked}
    >
      {asked !== undefined && !since ? 'Press again to stop' : since ? 'Keep holding…' : children}
    </Button>
  );
}
