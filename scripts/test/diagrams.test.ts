/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The documents' diagrams, drawn by Mermaid in Chromium. GitHub may draw them with another version of it. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { root } from '../repository.ts';
import { blocksOf, documents, read } from './support/documents.ts';

const chromiumPath = process.env.CHROMIUM_PATH ?? findTool('chromium', 'chromium-browser', 'google-chrome');
/** Folder for a picture of each diagram, if somebody wants to look at them. */
const pictures = process.env.DIAGRAM_PICTURES;

const diagrams = documents.flatMap((path) =>
  blocksOf(read(path), 'mermaid').map((source, index) => ({ name: `${path}, ${index + 1}`, path, source })),
);

/** What a reader sees of a diagram. */
interface Drawn {
  readonly error?: string;
  readonly nodes: number;
  readonly edges: number;
  /** Texts that are not within their box, or not within the picture. */
  readonly outside: readonly string[];
  /** Texts that another text or a box covers. */
  readonly covered: readonly string[];
  /** Boxes around parts that overlap, although neither is within the other. */
  readonly mixed: readonly string[];
  /** Boxes that an arrow to another box runs through. */
  readonly crossed: readonly string[];
}

test.each(['repository', 'Terraform', 'network', 'edge', 'delivery'])('there is a diagram of the %s', (subject) => {
  const parts: Readonly<Record<string, RegExp>> = {
    repository: /magic-calculator --> contract/,
    Terraform: /CDKTF[\s\S]*state bucket/,
    network: /subgraph database\[/,
    edge: /VPC origin[\s\S]*401/,
    delivery: /develop -- pull request --> main/,
  };
  expect(diagrams.map(({ source }) => source)).toContainEqual(expect.stringMatching(parts[subject] ?? /^$/));
});

describeWith('chromium', chromiumPath, 'drawn in a browser', (executablePath) => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    // Wider than GitHub's column: a diagram is drawn at its own size and then scaled.
    page = await browser.newPage({ viewport: { width: 1600, height: 1200 } });
    await page.setContent('<!doctype html><meta charset="utf-8"><body style="margin: 0; width: max-content">');
    await page.addScriptTag({ path: join(root, 'node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js') });
    if (pictures) await mkdir(pictures, { recursive: true });
  });
  afterAll(() => browser?.close());

  const draw = (source: string) => page.evaluate(drawInPage, source);

  test.each(diagrams)('$name is drawn, with all texts in their boxes', async ({ name, source }) => {
    const drawn = await draw(source);
    if (pictures) {
      await page.locator('svg').screenshot({ path: join(pictures, `${name.replaceAll(/[/, ]+/g, '-')}.png`) });
    }
    expect(drawn).toEqual({ nodes: drawn.nodes, edges: drawn.edges, outside: [], covered: [], mixed: [], crossed: [] });
    expect(drawn.nodes).toBeGreaterThan(2);
    expect(drawn.edges).toBeGreaterThan(2);
  });

  const translated = diagrams.filter(({ path }) => path.endsWith('.pt-BR.md'));
  test.each(translated)('$name has as many boxes and arrows as the English one', async ({ name, source }) => {
    const english = diagrams.find((each) => each.name === name.replace('.pt-BR', ''));
    const [portuguese, other] = [await draw(source), await draw(english?.source ?? '')];
    expect([portuguese.nodes, portuguese.edges]).toEqual([other.nodes, other.edges]);
  });

  test('a diagram that is wrong, and a text that leaves its box, are found', async () => {
    expect(await draw('flowchart LR\n  one --> ')).toMatchObject({ error: expect.stringContaining('Parse error') });
    const narrow =
      'flowchart LR\n  one[A long text] --> two --> three\n  style one width:10px\n  classDef default font-size:90px';
    expect((await draw(narrow)).outside).not.toEqual([]);
  });

  test('parts that overlap, a text under a box, and an arrow through a box are found', async () => {
    const crowded = `flowchart TB
      internet([Internet]) <--> gateway
      edge[Edge] -- a text<br>of two lines --> balancer
      subgraph all[All]
        gateway <--> way
        subgraph public[Public subnets 10.0.101.0/24 …]
          way[Way out]
        end
        subgraph private[Private subnets 10.0.1.0/24 …]
          balancer[Load balancer] -- ports --> nodes[Nodes]
        end
        subgraph database[Database subnets 10.0.201.0/24 …, no route out]
          mysql[(MySQL)]
        end
        nodes -- everything else --> way
        nodes -- 3306 --> mysql
        nodes -- images --> endpoint[Endpoint]
      end
      endpoint --> s3[(S3)]
      zone[Private zone] -. names .- all`;
    const { covered, mixed } = await draw(crowded);
    expect(covered).not.toEqual([]);
    expect(mixed).not.toEqual([]);
    // The repository's diagram without its wide spacing.
    const [repository = ''] = blocksOf(read('docs/technologies.md'), 'mermaid');
    expect((await draw(repository.replace(/^%%.*$/m, ''))).crossed).not.toEqual([]);
  });
});

/** Runs in the page: draws one diagram there and measures it. */
async function drawInPage(source: string): Promise<Drawn> {
  interface Mermaid {
    initialize(options: object): void;
    render(id: string, source: string): Promise<{ svg: string }>;
  }
  const { mermaid } = globalThis as unknown as { mermaid: Mermaid };
  mermaid.initialize({ startOnLoad: false, suppressErrorRendering: true });
  let svg: string;
  try {
    ({ svg } = await mermaid.render('diagram', source));
  } catch (error) {
    return { error: String(error), nodes: 0, edges: 0, outside: [], covered: [], mixed: [], crossed: [] };
  }
  document.body.innerHTML = svg;
  const picture = document.body.querySelector('svg') as SVGSVGElement;
  // Its own size, not that of the page.
  picture.style.maxWidth = '';
  picture.setAttribute('width', String(picture.viewBox.baseVal.width));

  const textOf = (element: Element) => element.textContent?.trim().replaceAll(/\s+/g, ' ') ?? '';
  /** The rectangle of the text itself, not of the element around it. */
  const rectangleOf = (element: Element): DOMRect => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return range.getBoundingClientRect();
  };
  const isWithin = (inner: DOMRect, outer: DOMRect) =>
    inner.left >= outer.left - 1 &&
    inner.right <= outer.right + 1 &&
    inner.top >= outer.top - 1 &&
    inner.bottom <= outer.bottom + 1;
  const overlap = (one: DOMRect, other: DOMRect) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1;

  const labels = [...picture.querySelectorAll('foreignObject')].filter((label) => textOf(label) !== '');
  const outside = labels.filter((label) => {
    const box = label.closest('.node, .cluster')?.querySelector('rect, polygon, path, circle');
    const text = rectangleOf(label);
    return !isWithin(text, picture.getBoundingClientRect()) || (box && !isWithin(text, box.getBoundingClientRect()));
  });
  const nodes = [...picture.querySelectorAll('.node')];
  const clusters = [...picture.querySelectorAll('.cluster')];
  const covered = labels.flatMap((label, at) => {
    const text = rectangleOf(label);
    const others = [
      ...labels.slice(at + 1).filter((other) => overlap(text, rectangleOf(other))),
      ...nodes.filter((node) => !node.contains(label) && overlap(text, node.getBoundingClientRect())),
    ];
    return others.map((other) => `${textOf(label)} / ${textOf(other)}`);
  });
  const mixed = clusters.flatMap((one, at) =>
    clusters.slice(at + 1).flatMap((other) => {
      const [first, second] = [one, other].map((each) => each.querySelector('rect')?.getBoundingClientRect());
      if (!first || !second || !overlap(first, second)) return [];
      return isWithin(first, second) || isWithin(second, first) ? [] : [`${textOf(one)} / ${textOf(other)}`];
    }),
  );
  const edges = [...picture.querySelectorAll<SVGPathElement>('path.flowchart-link')];
  const crossed = edges.flatMap((edge) => {
    const matrix = edge.getScreenCTM() ?? new DOMMatrix();
    const at = (part: number) => edge.getPointAtLength(edge.getTotalLength() * part).matrixTransform(matrix);
    const points = Array.from({ length: 101 }, (_, index) => at(index / 100));
    const isIn = (point: DOMPoint, { left, right, top, bottom }: DOMRect, margin: number) =>
      point.x > left - margin && point.x < right + margin && point.y > top - margin && point.y < bottom + margin;
    const others = nodes.filter((node) => {
      const box = node.getBoundingClientRect();
      // An arrow ends a few pixels before its box.
      return ![at(0), at(1)].some((end) => isIn(end, box, 8)) && points.some((point) => isIn(point, box, -2));
    });
    return others.map((node) => `${edge.id}: ${textOf(node)}`);
  });
  return {
    nodes: nodes.length,
    edges: edges.length,
    outside: outside.map(textOf),
    covered,
    mixed,
    crossed,
  };
}
