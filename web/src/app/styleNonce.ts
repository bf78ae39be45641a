import { setNonce } from 'get-nonce';

// The content policy lets <style> elements in only with the nonce that the server wrote into the page.
export const styleNonce = () => document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';

// What Mantine's drawers write (react-remove-scroll) asks this package for it.
setNonce(styleNonce());
