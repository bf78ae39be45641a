import { Alert, Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';

interface Props {
  children: ReactNode;
  /** Changes when the content does: then it is tried anew. */
  of?: string;
}

/** Whatever breaks inside stays inside: the header with the brake must never go with it. */
export class Contained extends Component<Props, { error?: Error; of?: string }> {
  state: { error?: Error; of?: string } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: { error?: Error; of?: string }) {
    return props.of === state.of ? null : { of: props.of, error: undefined };
  }

  render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <Alert color="red" variant="light" role="alert" title="This part of the page broke">
        {error.message}{' '}
        <Button size="compact-xs" variant="default" onClick={() => this.setState({ error: undefined })}>
          Show it again
        </Button>
      </Alert>
    );
  }
}
