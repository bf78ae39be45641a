import { Text } from '@mantine/core';
import type { Device, Push } from './pushContent';
import classes from './PushPreview.module.css';

/** A push on a lock screen. Nothing is loaded for it: an image is named, not shown. */
export function PushPreview({ device, push }: { device: Device; push: Push }) {
  return (
    <div className={classes.screen} data-device={device}>
      <div className={classes.note}>
        <div className={classes.app}>
          <span className={classes.icon} aria-hidden />
          {device === 'web' ? 'your.site · now' : 'Your app · now'}
        </div>
        <Text fw={650} size="sm" dir="auto" className={classes.title}>
          {push.title || '(no title)'}
        </Text>
        <Text size="sm" dir="auto" className={classes.body}>
          {push.body || '(no text)'}
        </Text>
        {push.image && (
          <Text size="xs" className={classes.more}>
            Image: {push.image}
          </Text>
        )}
        {push.link && (
          <Text size="xs" className={classes.more}>
            Opens: {push.link}
          </Text>
        )}
      </div>
    </div>
  );
}
