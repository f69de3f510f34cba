namespace United.Core.Presence;

/// <summary>Somebody as the board knows them: to which nodes they are connected, and what was told of them last.</summary>
internal sealed class PresentUser
{
    private int[] _nodes = [];

    public bool Connected => _nodes.Length > 0;

    /// <summary>Unix milliseconds at which the last connection ended.</summary>
    public long LeftAt { get; private set; }

    /// <summary>The same moment, or when it was heard of from another node, as a timestamp: the time of day may be set meanwhile.</summary>
    public long LeftStamp { get; private set; }

    /// <summary>The last connection was one to this node, which then writes down when they were last seen.</summary>
    public bool LeftHere { get; private set; }

    public PresenceChanged? Told { get; set; }

    public void Arrive(int node)
    {
        if (!_nodes.Contains(node)) _nodes = [.. _nodes, node];
    }

    public void Leave(int node, long at, long stamp, bool here)
    {
        if (!_nodes.Contains(node)) return;
        _nodes = [.. _nodes.Where(other => other != node)];
        if (Connected) return;
        (LeftAt, LeftStamp, LeftHere) = (at, stamp, here);
    }
}
