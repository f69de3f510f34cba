using System.Runtime.InteropServices;

namespace United.Core.Realtime;

/// <summary>Something about a user.</summary>
/// <param name="Circles">Conversations that are not open: it is for the user's own sessions and whoever may read one of them. Null: for everybody.</param>
/// <param name="Withheld">Who must not hear of it, whatever they may read.</param>
public sealed record UserNews(Event Told, Guid UserId, IEnumerable<Guid>? Circles, IReadOnlySet<Guid> Withheld);

/// <summary>What each listener is to hear of several things that are told at once, each of them once. Belongs to the mailbox.</summary>
internal sealed class Bundles
{
    private readonly Dictionary<Listener, List<EncodedEvent>> _bundles = [];

    /// <summary>To be called for one event after the other: somebody who shares several conversations with its user is noticed by what was added last.</summary>
    public void Add(Listener listener, EncodedEvent told)
    {
        ref var bundle = ref CollectionsMarshal.GetValueRefOrAddDefault(_bundles, listener, out _);
        bundle ??= [];
        if (bundle.Count == 0 || bundle[^1] != told) bundle.Add(told);
    }

    public void Add(List<Reader> readers, EncodedEvent told, IReadOnlySet<Guid> withheld)
    {
        foreach (var reader in readers)
            if (!withheld.Contains(reader.Listener.UserId)) Add(reader.Listener, told);
    }

    public void Push()
    {
        foreach (var (listener, bundle) in _bundles)
            foreach (var told in bundle) listener.Push(told);
    }
}
