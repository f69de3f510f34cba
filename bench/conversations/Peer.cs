using United.SocketIo.Bench;

namespace United.ConversationsBench;

/// <param name="Token">What the Socket.IO handshake carries.</param>
internal sealed record Person(Guid Id, string Token);

/// <summary>A server in a process of its own, with people who have accounts.</summary>
internal abstract class Peer : IAsyncDisposable
{
    public const int Population = 5000;

    public abstract string Name { get; }

    public abstract int Port { get; }

    public abstract int ProcessId { get; }

    public IReadOnlyList<Person> People { get; protected set; } = [];

    /// <summary>Conversations of two: the first person with the second, the third with the fourth, ...</summary>
    public Guid[] Pairs { get; private set; } = [];

    /// <summary>Groups of ten, each of the next ten people.</summary>
    public Guid[] Groups { get; private set; } = [];

    /// <summary>One group of the first 2,000.</summary>
    public Guid Large { get; private set; }

    /// <summary>
    /// New conversations of these people, written into the database past the server: it learns of them when one of the members connects for
    /// the first time, and not while it awaits somebody back.
    /// </summary>
    public abstract Task<Guid[]> Found(IReadOnlyList<Person[]> members);

    /// <summary>What all scenarios but that of memory need.</summary>
    public async Task Settle()
    {
        Pairs = await Found([.. People.Take(500).Chunk(2)]);
        Groups = await Found([.. People.Take(500).Chunk(10)]);
        Large = (await Found([[.. People.Take(2000)]]))[0];
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Fresh tokens: those of a long run would have expired.</summary>
    public abstract Task SignIn();

    /// <summary>Resident memory, in KiB.</summary>
    public int Resident() => Machine.Resident(ProcessId);

    /// <summary>Each conversation with each of its members, as two columns.</summary>
    protected static (Guid[] Conversations, Guid[] Users) Rows(Guid[] ids, IReadOnlyList<Person[]> members) =>
        ([.. ids.SelectMany((id, i) => Enumerable.Repeat(id, members[i].Length))], [.. members.SelectMany(people => people).Select(person => person.Id)]);
}
