using System.Diagnostics;
using United.SocketIo.Bench;

namespace United.ConversationsBench;

/// <summary>Many clients and one thread: the load must not cost more than what it measures.</summary>
internal sealed class Swarm : IDisposable
{
    private readonly List<Line> _lines = [];
    private readonly Epoll _epoll = new();

    public Line this[int number] => _lines[number];

    public static Swarm Connect(Peer peer, IEnumerable<Person> people) => Connect(people, (number, person) => Line.Open(number, peer.Port, person.Token));

    public static Swarm Connect(IEnumerable<Person> people, Func<int, Person, Line> open)
    {
        var swarm = new Swarm();
        foreach (var person in people) swarm.Add(open(swarm._lines.Count, person));
        swarm.Settle();
        return swarm;
    }

    /// <summary>Hears what has come, or comes in the next moment, for who only waits.</summary>
    public void Hear(Heard heard) => Hear(TimeSpan.FromMilliseconds(100), heard);

    /// <summary>Hears what has come, waiting for it at most so long.</summary>
    public void Hear(TimeSpan most, Heard heard)
    {
        foreach (var ready in _epoll.Wait(most)) _lines[(int)ready.Data].Receive(heard);
    }

    public void Dispose()
    {
        _epoll.Dispose();
        foreach (var line in _lines) line.Dispose();
    }

    // United tells everybody who came on line, the reference does not: what is measured begins when that is over.
    private void Settle()
    {
        var quiet = Stopwatch.StartNew();
        while (quiet.Elapsed < TimeSpan.FromSeconds(2)) Hear((_, _) => quiet.Restart());
    }

    private void Add(Line line)
    {
        _lines.Add(line);
        _epoll.Watch(line.Handle, line.Number);
    }
}
