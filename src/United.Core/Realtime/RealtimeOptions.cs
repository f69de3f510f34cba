namespace United.Core.Realtime;

/// <summary>How long a node waits for what is missing before it asks the database, and for signs of life of its connections.</summary>
public sealed record RealtimeOptions
{
    /// <summary>An event that came before its turn waits this long for those before it (over a network natural reordering takes 5 ms at worst).</summary>
    public TimeSpan HoldFor { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Events held in one conversation; beyond it they are dropped and read from the database.</summary>
    public int MostHeld { get; init; } = 256;

    /// <summary>Bytes (estimated) of all that is held on the node; beyond it all is dropped and read from the database.</summary>
    public int MostHeldBytes { get; init; } = 16 << 20;

    /// <summary>Events that arrived and wait to be looked at; beyond it they are dropped and read from the database.</summary>
    public int MostArriving { get; init; } = 65_536;

    /// <summary>After a failed read of the database.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How often the heads of conversations are compared with the database: where several nodes work together, the last event of a
    /// conversation may get lost, and nothing follows that would tell. Null: never, on a node that is alone.
    /// </summary>
    public TimeSpan? SweepEvery { get; init; }

    /// <summary>How long a connection of any wire can be dead before that is found. 45 s is the heartbeat of the protobuf socket.</summary>
    public TimeSpan DeadFoundWithin { get; init; } = TimeSpan.FromSeconds(45);
}
