import { expect, it } from 'vitest';
import { smsParts } from './smsParts';

it('counts a plain text in parts of 160, then 153 places', () => {
  expect(smsParts('')).toEqual({ unicode: false, places: 0, parts: 0, room: 160 });
  expect(smsParts('a'.repeat(160)).parts).toBe(1);
  expect(smsParts('a'.repeat(161))).toEqual({ unicode: false, places: 161, parts: 2, room: 306 });
  expect(smsParts('a'.repeat(306)).parts).toBe(2);
  expect(smsParts('a'.repeat(307)).parts).toBe(3);
});

it('counts a letter of two places as two, and does not cut it', () => {
  expect(smsParts('€'.repeat(80)).parts).toBe(1);
  expect(smsParts('€'.repeat(81)).parts).toBe(2);
  expect(smsParts(`${'a'.repeat(152)}€${'a'.repeat(152)}`).parts).toBe(3);
});

it('takes 70, then 67 places where one letter is not GSM’s', () => {
  expect(smsParts('नमस्ते')).toMatchObject({ unicode: true, places: 6, parts: 1, room: 70 });
  expect(smsParts(`${'a'.repeat(69)}я`).parts).toBe(1);
  expect(smsParts(`${'a'.repeat(70)}я`).parts).toBe(2);
  expect(smsParts('😀'.repeat(34)).parts).toBe(1); // two places each: 68
  expect(smsParts('😀'.repeat(36)).parts).toBe(2);
});
