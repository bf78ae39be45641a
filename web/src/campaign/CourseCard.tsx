import { Skeleton, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Card } from './Card';
import { pacesOf, thinned } from './course';
import { useCourse } from './useCampaign';

// The chart library is larger than all of the page; it comes by itself, after the numbers.
const CourseChart = lazy(() => import('./CourseChart'));

/** Hand-overs and verdicts over time. */
export function CourseCard({ id, moving }: { id: number; moving: boolean }) {
  const { data, isError } = useCourse(id, moving);
  const paces = pacesOf(thinned(data?.points ?? [], 150));
  return (
    <Card title="Over time">
      {isError && <Text c="dimmed">The course cannot be had just now.</Text>}
      {!data && !isError && <Skeleton h={220} />}
      {data && paces.length === 0 && (
        <Text c="dimmed">
          {data.points.some((point) => point.attempts > 0)
            ? 'All of it left within a moment: there is no course to draw.'
            : 'Nothing has left yet.'}
        </Text>
      )}
      {paces.length > 0 && (
        <Suspense fallback={<Skeleton h={220} />}>
          <CourseChart paces={paces} />
        </Suspense>
      )}
    </Card>
  );
}
