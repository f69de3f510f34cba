using United.Core.Messages;
using United.Core.Presence;
using United.Core.Storage;
using United.Core.Tests.Realtime;
using Xunit;

namespace United.Core.Tests.Presence;

/// <summary>
/// People who come and go, here and on another node, and say how they want to be found. What each of their devices shows (the snapshot
/// of its beginning, and what it was told since) is judged by what is true.
/// </summary>
internal sealed class PresenceHistory
{
    private const int Users = 5;
    private const int Kinds = 8;
    private const int Asker = 3;
    private const int Asked = 4;

    private static readonly PresenceStatus[] ByHand = [PresenceStatus.Online, PresenceStatus.Away, PresenceStatus.Dnd];

    private readonly PresenceScene _scene;
    private readonly Caller[] _people;
    private readonly bool _large;
    private readonly List<Device> _devices = [];
    private readonly PresenceStatus[] _said = [.. Enumerable.Repeat(PresenceStatus.Online, Users)];
    private readonly bool[] _elsewhere = new bool[Users];

    private PresenceHistory(PresenceScene scene, Caller[] people, bool large) => (_scene, _people, _large) = (scene, people, large);

    /// <summary>How many different steps there are.</summary>
    public static int Acts => Kinds * Users * ByHand.Length;

    /// <summary>0, 1 and 2 share a group, 2 and 3 a channel; 3 has asked 4, who has not answered.</summary>
    public static async Task<PresenceHistory> Begin(PresenceScene scene, bool large)
    {
        var people = await scene.Log.People(Users);
        await scene.Log.Conversation(ConversationKind.Group, people[..3]);
        await scene.Log.PrivateChannel(people[2], people[3]);
        var asked = await scene.Log.Conversation(ConversationKind.Direct, people[Asker], people[Asked]);
        await scene.Log.Database.Write(sql => sql.Execute(
            "insert into message_requests (id, requester_id, recipient_id, conversation_id, created_at) values (@id, @from, @to, @id, 0)",
            ("id", asked), ("from", people[Asker].UserId), ("to", people[Asked].UserId)));
        return new PresenceHistory(scene, people, large);
    }

    public async Task Do(int step)
    {
        var (user, status) = (step / Kinds % Users, ByHand[step / Kinds / Users]);
        switch (step % Kinds)
        {
            case 0 or 1: await Arrive(user); break;
            case 2 or 3: await Depart(user); break;
            case 4: await Say(user, status); break;
            case 5: Turn(user); break;
            case 6: _scene.Time.Advance(TimeSpan.FromSeconds(4)); break;
            default: await _scene.Board.Tell(); break;
        }
    }

    public async Task End()
    {
        _scene.Time.Advance(PresenceBoard.Grace);
        await _scene.Board.Tell();
        foreach (var device in _devices) await Judge(device);
        await Task.WhenAll(_devices.Select(device => _scene.Leave(device.Ear)));
    }

    private async Task Arrive(int user)
    {
        var ear = await _scene.Listen(_people[user]);
        var view = await _scene.Board.For(_people[user]);
        _devices.Add(new Device(user, ear, view.Snapshot().ToDictionary(one => one.UserId, one => one.Status)));
    }

    private async Task Depart(int user)
    {
        if (_devices.Find(device => device.User == user) is not { } device) return;
        _devices.Remove(device);
        await _scene.Leave(device.Ear);
    }

    private async Task Say(int user, PresenceStatus status)
    {
        _said[user] = status;
        Assert.True((await _scene.Board.Set(_people[user], status)).Ok);
    }

    /// <summary>Comes to the other node, or leaves it.</summary>
    private void Turn(int user)
    {
        _elsewhere[user] = !_elsewhere[user];
        var id = _people[user].UserId;
        _scene.Board.Accept(_elsewhere[user] ? new PresenceSignal.Arrived(id, Node: 1) : new PresenceSignal.Left(id, Node: 1, _scene.Now));
    }

    private async Task Judge(Device device)
    {
        foreach (var told in await _scene.Heard(device.Ear))
        {
            var about = Array.FindIndex(_people, person => person.UserId == told.UserId);
            Assert.True(Knows(device.User, about), $"{device.User} heard of {about}.");
            device.Shows[told.UserId] = told.Status;
        }
        Assert.False(device.User == Asker && device.Shows.ContainsKey(_people[Asked].UserId), "Who asked knows of who has not answered.");
        for (var about = 0; about < Users; about++)
            if (Knows(device.User, about)) Assert.Equal((about, Truth(about)), (about, device.Shows.GetValueOrDefault(_people[about].UserId, PresenceStatus.Offline)));
    }

    private PresenceStatus Truth(int user) =>
        _elsewhere[user] || _devices.Exists(device => device.User == user) ? _said[user] : PresenceStatus.Offline;

    private bool Knows(int user, int about) => user == about
        || ((user, about) is not (Asker, Asked) && (!_large || (user, about) is (0 or 1 or 2, 0 or 1 or 2) or (2 or 3, 2 or 3)));

    private sealed record Device(int User, Ear Ear, Dictionary<Guid, PresenceStatus> Shows);
}
