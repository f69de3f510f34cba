using System.Globalization;

namespace United.ConversationsBench;

/// <summary>All servers, one after the other, in each round: the machine's mood is shared, and the ratio is what counts.</summary>
internal static class Comparison
{
    // United tells ten seconds later who has left: that must not fall into what is measured of the others.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(12);

    /// <param name="goals">How many times each of the references is to be reached.</param>
    public static async Task Run(string what, Peer[] peers, int rounds, Func<Peer, double> measure, double?[] goals)
    {
        var rates = await Rounds(peers, rounds, measure);
        Console.WriteLine(what);
        var ours = Median(rates[^1]);
        for (var i = 0; i < peers.Length; i++) Console.WriteLine(Line(peers[i].Name, rates[i]) + (i < peers.Length - 1 ? Against(ours / Median(rates[i]), goals[i]) : ""));
    }

    public static async Task RunLatency(string what, Peer[] peers, int rounds, Func<Peer, (double Median, double P99)> measure)
    {
        var latencies = await Rounds(peers, rounds, measure);
        Console.WriteLine(what);
        for (var i = 0; i < peers.Length; i++)
        {
            var (median, p99) = (Median(latencies[i].ConvertAll(one => one.Median)), Median(latencies[i].ConvertAll(one => one.P99)));
            var ratio = Median(latencies[^1].ConvertAll(one => one.P99)) / p99;
            var against = i == peers.Length - 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"  United's p99 is {ratio:N2} of it, goal 0.8: {(ratio <= 0.8 ? "reached" : "MISSED")}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {peers[i].Name,-20} median {median,6:N2}, p99 {p99,6:N2}") + against);
        }
    }

    public static async Task RunMemory(Peer[] peers)
    {
        Console.WriteLine("memory, 5,000 idle clients with 20 conversations each");
        foreach (var peer in peers)
        {
            await peer.SignIn();
            var (total, each) = await Scenarios.Memory(peer);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {peer.Name,-20} {total:N0} MiB in all, {each:N1} KiB each"));
        }
    }

    private static async Task<List<T>[]> Rounds<T>(Peer[] peers, int rounds, Func<Peer, T> measure)
    {
        var found = Array.ConvertAll(peers, _ => new List<T>());
        // The first round warms all of them up.
        for (var round = 0; round <= rounds; round++)
        {
            for (var i = 0; i < peers.Length; i++)
            {
                await peers[i].SignIn();
                var one = measure(peers[i]);
                if (round > 0) found[i].Add(one);
            }
            if (round < rounds) await Task.Delay(Settling);
        }
        return found;
    }

    private static string Line(string name, List<double> rates) =>
        string.Create(CultureInfo.InvariantCulture, $"  {name,-20} {Median(rates),9:N0} /s  ({rates.Min():N0} to {rates.Max():N0})");

    private static string Against(double ratio, double? goal) => string.Create(CultureInfo.InvariantCulture,
        $"  United {ratio:N1} times{(goal is { } least ? $", goal {least:N0}: {(ratio >= least ? "reached" : "MISSED")}" : "")}");

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
