// Puts a stranger's HTML into a frame that runs no scripts. The page's content policy forbids inline styles,
// also there; so styles are set as a script may set them, and <style> elements become sheets of the frame.

const dropped = 'script, noscript, iframe, frame, object, embed, form, base, meta, link, template, title';

// Handlers and styles are put aside before the browser reads them: it would report each as a violation.
const tag = /<[a-z][^>]*>/gi;
const telling = /([\s"'/])(on[a-z]+|style)\s*=/gi;
const styleAside = 'data-was-style';

/** The parts of a mail that may be shown: elements, their styles, and nothing that runs or loads. */
export function readMail(html: string): { body: DocumentFragment; sheets: string[] } {
  // What stands in a template is of no page: it is read, and nothing of it happens.
  const template = document.createElement('template');
  template.innerHTML = html.replace(tag, (text) => text.replace(telling, '$1 data-was-$2='));
  const body = template.content;
  const sheets = [...body.querySelectorAll('style')].map((style) => style.textContent ?? '');
  body.querySelectorAll(`${dropped}, style`).forEach((element) => element.remove());
  for (const element of body.querySelectorAll('*')) {
    for (const { name } of [...element.attributes]) if (forbidden.test(name)) element.removeAttribute(name);
    if (element.localName !== 'img') continue;
    // Loading it would tell its server; its words stand for it.
    const words = document.createElement('span');
    words.textContent = `[${element.getAttribute('alt') || 'image'}]`;
    element.replaceWith(words);
  }
  return { body, sheets };
}

const forbidden =
  /^on|^data-was-on|^(style|href|xlink:href|src|srcset|action|formaction|background|poster|ping|target|id|name)$/i;
const letters = 'font: 15px/1.5 system-ui, sans-serif; color: #14171a; overflow-wrap: anywhere;';
const plain = `body { margin: 16px; ${letters} }`;

export function showMail(into: Document, html: string) {
  const { body, sheets } = readMail(html);
  const Sheet = into.defaultView?.CSSStyleSheet;
  if (Sheet)
    into.adoptedStyleSheets = [plain, ...sheets].map((text) => {
      const sheet = new Sheet();
      sheet.replaceSync(text);
      return sheet;
    });
  into.body.replaceChildren();
  into.body.dir = 'auto';
  take(body, into.body);
}

/** Copies what stands in `from`; a style attribute is set as a style, which the policy allows. */
function take(from: ParentNode & Node, to: Element) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.append(node.textContent ?? '');
    if (!(node instanceof Element)) continue;
    const copy = to.ownerDocument.createElementNS(node.namespaceURI, node.localName);
    for (const { name, value } of node.attributes) if (name !== styleAside) copy.setAttribute(name, value);
    const { style } = copy as HTMLElement;
    if (style) style.cssText = node.getAttribute(styleAside) ?? '';
    to.append(copy);
    take(node, copy);
  }
}
