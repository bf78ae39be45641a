import { Text } from '@mantine/core';
import type { Device, Push } from './pushContent';
import classes from './PushPreview.module.css';

const apps: Record<Device, string> = { android: 'Your app · now', ios: 'YOUR APP', web: 'your.site · now' };

/** A push as a lock screen or a browser shows it. Nothing is loaded for it: an image is named, not shown. */
export function PushPreview({ device, push }: { device: Device; push: Push }) {
  return (
    <figure className={classes.screen} data-device={device} data-testid="preview">
      {device !== 'web' && (
        <div className={classes.clock} aria-hidden>
          9:41
        </div>
      )}
      <div className={classes.note}>
        <div className={classes.app}>
          <span className={classes.icon} aria-hidden />
          <span>{apps[device]}</span>
          {device === 'ios' && <span className={classes.now}>now</span>}
        </div>
        <Text fw={650} size="sm" dir="auto" className={classes.title}>
          {push.title || '(no title)'}
        </Text>
        <Text size="sm" dir="auto" className={classes.body}>
          {push.body || '(no text)'}
        </Text>
        {push.image && (
          <Text size="xs" className={classes.image}>
            Image: {push.image}
          </Text>
        )}
      </div>
      {push.link && (
        <figcaption className={classes.more}>
          Opens: <span className="breakable">{push.link}</span>
        </figcaption>
      )}
    </figure>
  );
}
