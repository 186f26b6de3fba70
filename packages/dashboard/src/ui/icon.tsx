import { createElement, type SVGProps } from 'react';

interface IconProps extends Omit<SVGProps<SVGSVGElement>, 'stroke'> {
  /** The width and the height in pixels. */
  readonly size?: number;
  /** The width of the lines, of 24 units for the whole icon. */
  readonly stroke?: number;
}

export type Icon = (props: IconProps) => React.JSX.Element;

/** The tag of each shape with its attributes; `key` tells the shapes apart. */
type Shapes = readonly (readonly [string, Readonly<Record<string, string>>])[];

/** A component for an icon of lines in the colour of the text around it. */
export function icon(shapes: Shapes): Icon {
  return ({ size = 24, stroke = 2, ...props }) => (
    // The place that uses the icon hides it or names it.
    // biome-ignore lint/a11y/noSvgWithoutTitle: see above
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={stroke}
      strokeLinecap="round"
      strokeLinejoin="round"
      {...props}
    >
      {shapes.map(([tag, attributes]) => createElement(tag, attributes))}
    </svg>
  );
}
