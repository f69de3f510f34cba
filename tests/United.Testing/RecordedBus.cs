using System.Collections.Concurrent;
using United.Core.Realtime;

namespace United.Testing;

/// <summary>A bus that keeps what was published.</summary>
public sealed class RecordedBus : INodeBus
{
    private readonly ConcurrentQueue<Event> _published = new();
    private readonly ConcurrentQueue<ControlChange> _announced = new();

    public int Node => 0;

    /// <summary>In the order of publication.</summary>
    public IReadOnlyList<Event> Published => [.. _published];

    public IReadOnlyList<ControlChange> Announced => [.. _announced];

    public IReadOnlyList<ConversationEvent> Of(Guid conversationId) =>
        [.. _published.OfType<ConversationEvent>().Where(told => told.ConversationId == conversationId)];

    public void Publish(IReadOnlyList<Event> events)
    {
        foreach (var told in events) _published.Enqueue(told);
    }

    public void Whisper(Event hint) => _published.Enqueue(hint);

    public ValueTask Fence(ControlChange change, CancellationToken ct)
    {
        _announced.Enqueue(change);
        return ValueTask.CompletedTask;
    }

    public void Connect(NodeReceiver receiver)
    {
    }
}
