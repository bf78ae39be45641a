import {
  Badge,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

// Mantine's light variants put a middle shade on a pale one, which is too little contrast for small
// text. Here the text is the darkest shade on light pages and a pale one on dark pages.
const readable: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  if (input.variant !== 'light' && input.variant !== 'subtle' && input.variant !== 'outline') return colors;
  const name = (input.color ?? input.theme.primaryColor).split('.')[0]!;
  if (!(name in input.theme.colors)) return colors;
  const shade = (n: number) => `var(--mantine-color-${name}-${n})`;
  const text = `light-dark(color-mix(in srgb, ${shade(9)}, black 12%), ${shade(2)})`;
  if (input.variant !== 'light') return { ...colors, color: text };
  return {
    ...colors,
    color: text,
    background: `light-dark(${shade(0)}, color-mix(in srgb, ${shade(9)}, transparent 72%))`,
  };
};

const rope: MantineColorsTuple = [
  '#eef4fb',
  '#d9e6f4',
  '#aecbe8',
  '#80aedd',
  '#5a96d3',
  '#4186cd',
  '#317dca',
  '#216bb3',
  '#155fa1',
  '#00528f',
];

export const theme = createTheme({
  colors: { rope },
  primaryColor: 'rope',
  primaryShade: { light: 8, dark: 7 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  variantColorResolver: readable,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Code", "Liberation Mono", Menlo, monospace',
  components: { Badge: Badge.extend({ defaultProps: { tt: 'none', fw: 600 } }) },
  headings: { fontWeight: '650' },
});
