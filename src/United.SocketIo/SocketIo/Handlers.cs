using Handler = System.Func<United.SocketIo.SocketEvent, System.Threading.Tasks.Task>;

namespace United.SocketIo;

/// <summary>
/// Who listens to which event. Read for every packet, changed seldom: a change makes a new table, so that readers need no lock and a
/// handler may remove itself while it runs.
/// </summary>
internal sealed class Handlers
{
    private static readonly Dictionary<string, Handler[]> None = [];

    private readonly Lock _gate = new();
    private volatile Dictionary<string, Handler[]> _byName = None;
    private volatile Handler[] _any = [];

    public Handler[] Any => _any;

    public Handler[] For(string name) => _byName.GetValueOrDefault(name) ?? [];

    public IDisposable Add(string name, Handler handler)
    {
        Change(name, list => [.. list, handler]);
        return new Removal(() => Change(name, list => Without(list, handler)));
    }

    public IDisposable AddAny(Handler handler, bool first)
    {
        lock (_gate) _any = first ? [handler, .. _any] : [.. _any, handler];
        return new Removal(() =>
        {
            lock (_gate) _any = Without(_any, handler);
        });
    }

    public void Remove(string name) => Change(name, _ => []);

    public void RemoveAny()
    {
        lock (_gate) _any = [];
    }

    public void CopyTo(Handlers other)
    {
        lock (_gate) (other._byName, other._any) = (_byName, _any);
    }

    private void Change(string name, Func<Handler[], Handler[]> change)
    {
        lock (_gate)
        {
            var changed = new Dictionary<string, Handler[]>(_byName, StringComparer.Ordinal);
            var list = change(changed.GetValueOrDefault(name) ?? []);
            if (list.Length > 0) changed[name] = list;
            else changed.Remove(name);
            _byName = changed;
        }
    }

    private static Handler[] Without(Handler[] list, Handler handler)
    {
        var at = Array.IndexOf(list, handler);
        return at < 0 ? list : [.. list[..at], .. list[(at + 1)..]];
    }

    private sealed class Removal(Action remove) : IDisposable
    {
        private Action? _remove = remove;

        public void Dispose() => Interlocked.Exchange(ref _remove, null)?.Invoke();
    }
}

/// <summary>The names that events may not have, because the libraries on both sides use them for themselves.</summary>
internal static class ReservedEvents
{
    private static readonly HashSet<string> Names = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

    public static bool Contains(string name) => Names.Contains(name);

    public static void Refuse(string name)
    {
        if (Contains(name)) throw new ArgumentException($"\"{name}\" is a reserved event name", nameof(name));
    }
}
