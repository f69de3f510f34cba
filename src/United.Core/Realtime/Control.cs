namespace United.Core.Realtime;

/// <summary>
/// Announces changes of rights to every node and returns when all have applied them. Awaited before the acknowledgement of
/// log-out, suspension, removal, and changes of roles and settings: so they hold before their author is told that they do.
/// </summary>
public sealed class Control(INodeBus bus)
{
    public ValueTask Announce(ControlChange change, CancellationToken ct = default) => bus.Fence(change, ct);
}
