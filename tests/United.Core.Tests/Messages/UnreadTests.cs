using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class UnreadTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Counts_stop_at_999_and_roles_and_everyone_are_mentions(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(Permissions.MentionEveryone), await scene.Person());
        var (full, quiet, role) = (await scene.OpenChannel(), await scene.OpenChannel(), Ids.New(scene.Time));
        await scene.Database.Write(async sql =>
        {
            await sql.Execute("insert into roles (id, name, name_key) values (@id, 'r', 'r')", ("id", role));
            await sql.Execute("insert into role_members (role_id, user_id) values (@id, @user)", ("id", role), ("user", bob.UserId));
        });
        await Task.WhenAll(Enumerable.Range(0, 1005).Select(i => scene.Log.Post(ada, new PostMessage(full, $"@user:{bob.UserId} {i}"), Ct)));
        foreach (var text in (string[])[$"@role:{role} and @everyone and @user:{bob.UserId}", "@everyone", $"@role:{role}", $"@user:{ada.UserId}", "nobody"])
            await scene.Log.Post(ada, new PostMessage(quiet, text), Ct);

        var states = await scene.Database.Read(sql => UnreadCounts.Of(sql, bob.UserId, [full, quiet, Ids.New(scene.Time)]));

        Assert.Equal((999, 999), (states[full].UnreadCount, states[full].MentionCount));
        Assert.Equal((5, 3), (states[quiet].UnreadCount, states[quiet].MentionCount));
        Assert.Equal(2, states.Count);
        Assert.Equal((0, 0), (await scene.Database.Read(sql => UnreadCounts.Of(sql, ada.UserId, quiet))) is var own ? (own.UnreadCount, own.MentionCount) : default);
    }
}
