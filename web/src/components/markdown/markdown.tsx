import { Component, memo, type ReactNode, useState } from 'react';
import { type Block, createBlockReader } from './blocks.ts';
import { Elements } from './elements.tsx';

interface Props {
  text: string;
  /** False while the text still grows. */
  whole: boolean;
}

/** Markdown from a model, also while it arrives: of a growing text only the last block is parsed and drawn again. */
export function Markdown({ text, whole }: Props) {
  const [reader] = useState(createBlockReader);
  const blocks = reader.read(text.replaceAll(/\r\n?/g, '\n'), whole);
  return (
    <Plainly text={text}>
      <div className="min-w-0 [overflow-wrap:anywhere] *:first:mt-0 *:last:mb-0">
        {blocks.map((block) => (
          <BlockView key={block.offset} block={block} />
        ))}
      </div>
    </Plainly>
  );
}

const BlockView = memo(function BlockView({ block: { token, closed } }: { block: Block }) {
  return <Elements tokens={[token]} place={{ depth: 0, closed }} />;
});

/** Shows the bare text where drawing it fails. */
class Plainly extends Component<{ text: string; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? (
      <p className="whitespace-pre-wrap break-words">{this.props.text}</p>
    ) : (
      this.props.children
    );
  }
}
