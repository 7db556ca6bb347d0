import type {
  IChartApi,
  IPrimitivePaneView,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from 'lightweight-charts';

/** From the first to the last bar that is shaded; both must be on the chart. */
export interface Shade {
  readonly from: Time;
  readonly to: Time;
  readonly label: string;
}

export interface ShadeColours {
  readonly fill: string;
  readonly line: string;
}

/** What the renderer is handed, of the canvas library's target. */
interface Target {
  useMediaCoordinateSpace(
    draw: (scope: {
      readonly context: CanvasRenderingContext2D;
      readonly mediaSize: { width: number; height: number };
    }) => void,
  ): void;
}

const HATCH_PX = 8;
const LABEL_PX = 14;

/** Hatched, with its name: not by colour alone. */
function drawShade(
  context: CanvasRenderingContext2D,
  left: number,
  right: number,
  height: number,
  label: string,
  colours: ShadeColours,
): void {
  context.save();
  context.beginPath();
  context.rect(left, 0, right - left, height);
  context.clip();
  context.fillStyle = colours.fill;
  context.globalAlpha = 0.7;
  context.fillRect(left, 0, right - left, height);
  context.globalAlpha = 0.35;
  context.strokeStyle = colours.line;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = left - height; x < right; x += HATCH_PX) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.stroke();
  context.globalAlpha = 1;
  if (right - left > 32) {
    context.font = '11px system-ui, sans-serif';
    context.fillStyle = colours.fill;
    const width = Math.min(right - left, context.measureText(label).width + 8);
    context.fillRect(left, 2, width, LABEL_PX + 2);
    context.fillStyle = colours.line;
    context.fillText(label, left + 4, LABEL_PX, right - left - 8);
  }
  context.restore();
}

/** Shades stretches of time behind the candles. */
export class ShadePrimitive implements ISeriesPrimitive<Time> {
  private chart: IChartApi | null = null;
  private shades: readonly Shade[] = [];
  private colours: ShadeColours = { fill: 'transparent', line: 'transparent' };
  private requestUpdate: (() => void) | null = null;
  private readonly views: readonly IPrimitivePaneView[] = [
    {
      zOrder: () => 'bottom',
      renderer: () => ({ draw: (target: Target) => this.draw(target) }),
    },
  ];

  attached({ chart, requestUpdate }: SeriesAttachedParameter<Time>): void {
    this.chart = chart;
    this.requestUpdate = requestUpdate;
  }

  detached(): void {
    this.chart = null;
    this.requestUpdate = null;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.views;
  }

  show(shades: readonly Shade[], colours: ShadeColours): void {
    this.shades = shades;
    this.colours = colours;
    this.requestUpdate?.();
  }

  private draw(target: Target): void {
    const scale = this.chart?.timeScale();
    if (scale === undefined) return;
    const half = scale.options().barSpacing / 2;
    // biome-ignore lint/correctness/useHookAtTopLevel: a method of the canvas library, no hook
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      for (const shade of this.shades) {
        const [left, right] = [scale.timeToCoordinate(shade.from), scale.timeToCoordinate(shade.to)];
        if (left === null || right === null) continue;
        drawShade(context, left - half, right + half, mediaSize.height, shade.label, this.colours);
      }
    });
  }
}
