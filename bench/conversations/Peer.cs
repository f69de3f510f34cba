using System.Globalization;

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

    /// <summary>New conversations of these people: written into the database, before any of them connects.</summary>
    public abstract Task<Guid[]> Found(IReadOnlyList<Person[]> members);

    public abstract ValueTask DisposeAsync();

    /// <summary>Fresh tokens: those of a long run would have expired.</summary>
    public abstract Task SignIn();

    /// <summary>Resident memory, in KiB.</summary>
    public int Resident()
    {
        var line = File.ReadLines($"/proc/{ProcessId}/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal));
        return int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Each conversation with each of its members, as two columns.</summary>
    protected static (Guid[] Conversations, Guid[] Users) Rows(Guid[] ids, IReadOnlyList<Person[]> members) =>
        ([.. ids.SelectMany((id, i) => Enumerable.Repeat(id, members[i].Length))], [.. members.SelectMany(people => people).Select(person => person.Id)]);

    protected static string Repository()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "United.slnx"))) at = at.Parent!;
        return at.FullName;
    }
}
