import '@mantine/charts/styles.css';
import { AreaChart } from '@mantine/charts';
import { count } from '../words/numbers';
import type { Pace } from './course';

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
// While it measures itself the chart asks for the names of ticks that are no times.
const atClock = (at: number) => (Number.isFinite(at) ? clock.format(at) : '');

/** A second's worth of messages, over time. Drawn for the eye; the numbers stand beside it as text. */
export default function CourseChart({ paces }: { paces: Pace[] }) {
  const top = Math.max(...paces.map((p) => p.sent));
  return (
    <div role="img" aria-label={`Messages a second over time; at most ${count(top)} a second`}>
      <AreaChart
        h={240}
        data={paces}
        dataKey="at"
        type="default"
        curveType="monotone"
        withDots={false}
        withLegend
        fillOpacity={0.18}
        series={[
          { name: 'sent', label: 'sent a second', color: 'rope.6' },
          { name: 'accepted', label: 'accepted', color: 'green.6' },
          { name: 'failed', label: 'failed', color: 'red.6' },
        ]}
        valueFormatter={count}
        xAxisProps={{
          type: 'number',
          scale: 'time',
          domain: ['dataMin', 'dataMax'],
          tickFormatter: atClock,
          minTickGap: 50,
        }}
        yAxisProps={{ width: 56, allowDecimals: false }}
        tooltipProps={{ labelFormatter: (at) => atClock(Number(at)) }}
        areaProps={{ isAnimationActive: false }}
      />
    </div>
  );
}
