namespace United.Core.Realtime;

/// <summary>The bus of a node that is alone.</summary>
public sealed class LocalBus : INodeBus
{
    private NodeReceiver? _receiver;

    public int Node => 0;

    private NodeReceiver Receiver => _receiver ?? throw new InvalidOperationException("The bus is not connected.");

    public void Publish(IReadOnlyList<Event> events) => Receiver.Events(events);

    public void Whisper(Event hint) => Receiver.Hint(hint);

    public ValueTask Fence(ControlChange change, CancellationToken ct)
    {
        var applied = Receiver.Change(change);
        return applied.IsCompleted ? applied : new ValueTask(applied.AsTask().WaitAsync(ct));
    }

    public void Connect(NodeReceiver receiver) => _receiver = receiver;
}
