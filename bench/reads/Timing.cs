namespace United.ReadsBench;

internal static class Timing
{
    private const int Runs = 101;

    /// <param name="goal">Milliseconds that the median may take.</param>
    public static async Task Print(string name, double goal, Func<Task<int>> read)
    {
        for (var i = 0; i < 5; i++) await read();
        var (taken, found) = (new double[Runs], 0);
        for (var i = 0; i < Runs; i++)
        {
            var started = TimeProvider.System.GetTimestamp();
            found = await read();
            taken[i] = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
        }
        Array.Sort(taken);
        var median = taken[Runs / 2];
        Console.WriteLine($"  {name,-44} {median,8:N2} ms (95 %: {taken[Runs * 95 / 100]:N2}), {found} found, goal {goal:N0}: {(median < goal ? "reached" : "MISSED")}");
    }
}
