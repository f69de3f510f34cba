namespace United.Core.Realtime;

/// <summary>The way to the other nodes. Losing, doubling and reordering of what is published must harm nobody; a fence is certain.</summary>
public interface INodeBus
{
    /// <summary>Number of this node, 0 to 65,535, unique among the living.</summary>
    int Node { get; }

    /// <summary>Tells all nodes, this one included, of committed events. Never blocks, never throws.</summary>
    void Publish(IReadOnlyList<Event> events);

    /// <summary>Tells all nodes, this one included, of something that may get lost.</summary>
    void Whisper(Event hint);

    /// <summary>Returns when every living node has applied the change.</summary>
    ValueTask Fence(ControlChange change, CancellationToken ct);

    /// <summary>What this node does with what arrives. Called once, at start, before anything is published.</summary>
    void Connect(NodeReceiver receiver);
}

/// <param name="Events">Must return at once: it only enqueues.</param>
/// <param name="Hint">Must return at once.</param>
/// <param name="Change">Completes when the change is in force on this node.</param>
public sealed record NodeReceiver(Action<IReadOnlyList<Event>> Events, Action<Event> Hint, Func<ControlChange, ValueTask> Change);
