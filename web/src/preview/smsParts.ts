// How many parts a text message is sent and paid in. GSM's own letters take 7 bits each (some of them two
// places), any other letter makes the whole message 16 bits a letter. Pure.

const gsm =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡' +
  'ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const gsmTwice = '\f^{}\\[~]|€';

export interface SmsParts {
  unicode: boolean;
  /** Places that the text takes, of `room` in all its parts. */
  places: number;
  parts: number;
  room: number;
}

export function smsParts(text: string): SmsParts {
  const letters = [...text];
  const unicode = letters.some((letter) => !gsm.includes(letter) && !gsmTwice.includes(letter));
  const size = (letter: string) => (unicode ? letter.length : gsmTwice.includes(letter) ? 2 : 1);
  const [alone, each] = unicode ? [70, 67] : [160, 153];
  const places = letters.reduce((sum, letter) => sum + size(letter), 0);
  if (places <= alone) return { unicode, places, parts: text === '' ? 0 : 1, room: alone };
  // A letter of two places is never cut in two.
  let parts = 1;
  let used = 0;
  for (const letter of letters) {
    if (used + size(letter) > each) {
      parts += 1;
      used = 0;
    }
    used += size(letter);
  }
  return { unicode, places, parts, room: parts * each };
}
