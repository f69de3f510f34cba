using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using United.SocketIo.Adapters;
using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>
/// A Socket.IO server: owns the namespaces, and the Engine.IO server beneath. What can be said of the main namespace <c>/</c> can be said
/// of the server itself.
/// </summary>
public sealed partial class SocketIoServer : IEventSource, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Namespace> _namespaces = new(StringComparer.Ordinal);
    private readonly Dictionary<Namespace, ParentNamespace> _parentOf = [];
    private ParentNamespace[] _parents = [];
    private Action<Namespace>? _onNewNamespace;
    private int _closing;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the exception names it.</exception>
    public SocketIoServer(SocketIoOptions options, ILoggerFactory? logs = null, TimeProvider? time = null)
    {
        options.Validate();
        Options = options;
        Time = time ?? TimeProvider.System;
        Log = (logs ?? NullLoggerFactory.Instance).CreateLogger("United.SocketIo");
        Adapters = options.Adapters(this);
        _main = Of("/");
        Engine = new EngineServer(options, engine => new Connection(this, engine), logs, time);
    }

    public SocketIoOptions Options { get; }

    /// <summary>The layer beneath, with all its sessions.</summary>
    public EngineServer Engine { get; }

    internal IAdapters Adapters { get; }

    internal ILogger Log { get; }

    internal TimeProvider Time { get; }

    /// <summary>The namespace of this name, made where it is not there yet.</summary>
    public Namespace Of(string name)
    {
        name = name.StartsWith('/') ? name : "/" + name;
        lock (_gate) return _namespaces.TryGetValue(name, out var known) ? known : Create(name, new NamespaceHooks(), parent: null);
    }

    /// <summary>All namespaces whose name the pattern matches.</summary>
    public ParentNamespace Of(Regex pattern) => Of((name, _) => ValueTask.FromResult(pattern.IsMatch(name)));

    /// <summary>All namespaces that the predicate, given the name and the client's auth payload, lets come to be.</summary>
    public ParentNamespace Of(Func<string, Argument?, ValueTask<bool>> predicate)
    {
        var parent = new ParentNamespace(this, predicate);
        lock (_gate) _parents = [.. _parents, parent];
        return parent;
    }

    /// <summary>Told of each dynamic namespace that a client has brought into being.</summary>
    public void OnNewNamespace(Action<Namespace> handler) => _onNewNamespace += handler;

    /// <summary>Answers one request of any kind.</summary>
    public Task Handle(HttpContext http) => Engine.Handle(http);

    /// <summary>Disconnects everybody, with reason <c>server shutting down</c>, and leaves the cluster.</summary>
    public async Task Close()
    {
        if (Interlocked.Exchange(ref _closing, 1) != 0) return;
        await Engine.Close();
        Namespace[] all;
        lock (_gate) all = [.. _namespaces.Values];
        foreach (var ns in all) await ns.Adapter.DisposeAsync();
        await Adapters.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await Close();

    /// <returns>The namespace that a client may try to join, held until <see cref="Release"/>; null where there is none.</returns>
    internal async ValueTask<Namespace?> Find(string name, Argument? auth)
    {
        if (Hold(name) is { } known) return known;
        foreach (var parent in _parents)
        {
            if (await parent.Matches(name, auth)) return HoldChild(name, parent);
        }
        return null;
    }

    internal void Release(Namespace ns)
    {
        lock (_gate) ns.Joining--;
        ForgetIfEmpty(ns);
    }

    internal void ForgetIfEmpty(Namespace ns)
    {
        if (!ns.IsChild || !Options.CleanupEmptyChildNamespaces) return;
        lock (_gate)
        {
            if (ns.Joining > 0 || ns.Rooms.Count > 0 || !_namespaces.Remove(ns.Name)) return;
            _parentOf.Remove(ns);
        }
        _ = CloseAdapter(ns);
    }

    internal IReadOnlyList<Namespace> ChildrenOf(ParentNamespace parent)
    {
        lock (_gate) return [.. _parentOf.Where(pair => pair.Value == parent).Select(pair => pair.Key)];
    }

    private Namespace? Hold(string name)
    {
        lock (_gate)
        {
            if (_namespaces.TryGetValue(name, out var ns)) ns.Joining++;
            return ns;
        }
    }

    private Namespace? HoldChild(string name, ParentNamespace parent)
    {
        Namespace child;
        lock (_gate)
        {
            if (Hold(name) is { } known) return known;
            if (_parentOf.Count >= Options.MaxChildNamespaces) return null;
            child = Create(name, parent.Hooks.Copy(), parent);
            child.Joining++;
        }
        _onNewNamespace?.Invoke(child);
        return child;
    }

    private Namespace Create(string name, NamespaceHooks hooks, ParentNamespace? parent)
    {
        var ns = new Namespace(this, name, hooks, isChild: parent is not null);
        _namespaces.Add(name, ns);
        if (parent is not null) _parentOf.Add(ns, parent);
        return ns;
    }

    private async Task CloseAdapter(Namespace ns)
    {
        try
        {
            await ns.Adapter.DisposeAsync();
        }
        catch (Exception e)
        {
            SocketIoLog.HandlerFailed(Log, e);
        }
    }
}
