const BLOCK = /<!-- generated: ([a-z0-9-]+) -->\n[\s\S]*?<!-- \/generated -->/g;

/** Names of the generated blocks of a document, in its order. */
export function blockNames(document: string): string[] {
  return [...document.matchAll(BLOCK)].map((match) => match[1] ?? '');
}

/**
 * Fills what stands between `<!-- generated: NAME -->` and `<!-- /generated -->`; everything else stays as it is.
 * @param blocks text by name, each ending with a newline
 * @throws RangeError for a name that no block has, and for a block that the document lacks
 */
export function fillBlocks(document: string, blocks: ReadonlyMap<string, string>): string {
  const present = blockNames(document);
  const lacking = [...blocks.keys()].filter((name) => !present.includes(name));
  if (lacking.length > 0) throw new RangeError(`the document has no marker for ${lacking.join(', ')}`);
  return document.replace(BLOCK, (_whole, name: string) => {
    const text = blocks.get(name);
    if (text === undefined) throw new RangeError(`nothing is generated for the marker ${name}`);
    return `<!-- generated: ${name} -->\n\n${text}\n<!-- /generated -->`;
  });
}
