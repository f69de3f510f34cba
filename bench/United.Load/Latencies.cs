using System.Diagnostics;
using System.Globalization;
using System.Numerics;

namespace United.Load;

/// <summary>Latencies in microseconds, counted in buckets 3 % wide: any number of them in 10 KiB, from any thread.</summary>
internal sealed class Latencies
{
    private const int Fraction = 32;

    private readonly long[] _counts = new long[Fraction * 40];

    public long Count => _counts.Sum();

    public void Add(long startedAt, long endedAt)
    {
        var microseconds = (long)Stopwatch.GetElapsedTime(startedAt, endedAt).TotalMicroseconds;
        Interlocked.Increment(ref _counts[BucketOf(Math.Max(1, microseconds))]);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"p50 {At(0.5):0.00} ms  p90 {At(0.9):0.00}  p99 {At(0.99):0.00}  p99.9 {At(0.999):0.00}  max {At(1):0.00}");

    /// <returns>Milliseconds.</returns>
    public double At(double quantile)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(quantile * Count));
        var bucket = 0;
        for (long seen = 0; bucket < _counts.Length - 1 && (seen += _counts[bucket]) < rank;) bucket++;
        return UpperEdge(bucket) / 1000.0;
    }

    private static int BucketOf(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - 5);
        return (shift * Fraction) + (int)(value >> shift);
    }

    private static double UpperEdge(int bucket)
    {
        if (bucket < 2 * Fraction) return bucket;
        var shift = (bucket / Fraction) - 1;
        return (double)(bucket - (shift * Fraction) + 1) * (1L << shift);
    }
}
