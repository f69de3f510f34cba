using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using United.Core;
using United.Core.Identity;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Server.Cli;

/// <summary>
/// <c>united user create|promote|reset-password</c>: what an operator may do at the machine, without an account. The server has
/// to be stopped: a running one would not hear of it.
/// </summary>
internal static class UserCommand
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The username" };
    private static readonly Option<bool> FromInput = new("--password-stdin") { Description = "Read the password from standard input instead of making one up and printing it" };

    public static Command Create(SettingOptions options) => new("user", "Creates and changes accounts; stop the server first")
    {
        CreateUser(options), Promote(options), ResetPassword(options),
    };

    private static Command CreateUser(SettingOptions options)
    {
        var display = new Option<string?>("--display-name") { Description = "The name that others see [default: the username]" };
        var role = new Option<string>("--role") { Description = "member, admin or owner", DefaultValueFactory = _ => "member" };
        var command = new Command("create", "Creates an account") { Name, display, role, FromInput };
        command.SetAction((parsed, ct) => With(parsed, options, async core =>
        {
            var (name, password) = (parsed.GetRequiredValue(Name), Password(parsed));
            var made = await core.Identity.Registration.CreateByOperator(new Register(name, parsed.GetValue(display) ?? name, password.Text), RoleOf(parsed.GetRequiredValue(role)), ct);
            Say(made, user => $"Created {user.Username} ({RoleNames.Of(user.Role)}).", password);
        }, ct));
        return command;
    }

    private static Command Promote(SettingOptions options)
    {
        var role = new Argument<string>("ROLE") { Description = "member, admin or owner. A new owner takes the place of the old one, who becomes an admin" };
        var command = new Command("promote", "Changes the role of an account") { Name, role };
        command.SetAction((parsed, ct) => With(parsed, options, async core =>
            Say(await core.Identity.Members.PromoteByOperator(parsed.GetRequiredValue(Name), RoleOf(parsed.GetRequiredValue(role)), ct), user => $"{user.Username} is now {RoleNames.Of(user.Role)}."), ct));
        return command;
    }

    private static Command ResetPassword(SettingOptions options)
    {
        var command = new Command("reset-password", "Sets a new password and signs the account out everywhere. Its encryption keys are not affected") { Name, FromInput };
        command.SetAction((parsed, ct) => With(parsed, options, async core =>
        {
            var password = Password(parsed);
            Say(await core.Identity.Members.ResetPasswordByOperator(parsed.GetRequiredValue(Name), password.Text, ct), _ => "The password has been changed.", password);
        }, ct));
        return command;
    }

    private static Task<int> With(ParseResult parsed, SettingOptions options, Func<CoreSetup, Task> act, CancellationToken ct) =>
        Run.Alone(parsed, options, async (settings, database, _) =>
        {
            await using var core = await CoreSetup.Start(database, new LocalBus(), settings.Core, TimeProvider.System, NullLoggerFactory.Instance, ct);
            await act(core);
            return Run.Done;
        }, ct);

    private static Role RoleOf(string name) => name switch
    {
        "member" => Role.Member,
        "admin" => Role.Admin,
        "owner" => Role.Owner,
        _ => throw new RefusedException($"{name} is not a role: choose member, admin or owner."),
    };

    private static ChosenPassword Password(ParseResult parsed) => parsed.GetValue(FromInput)
        ? new ChosenPassword(Console.In.ReadLine() ?? "", Made: false)
        : new ChosenPassword(Convert.ToHexStringLower(Ids.RandomBytes(10)), Made: true);

    private static void Say<T>(Result<T> result, Func<T, string> done, ChosenPassword? password = null)
    {
        if (!result.TryGet(out var value, out var refusal)) throw new RefusedException(Sentence(refusal));
        Console.WriteLine(done(value));
        if (password is { Made: true }) Console.WriteLine($"Password: {password.Text}");
    }

    private static string Sentence(Refusal refusal) => refusal switch
    {
        { Field: { } field, Reason: { } reason } => $"{field} {reason}.",
        { Reason: { } reason } => reason,
        { Fault: var fault } when fault == Fault.NotFound => "There is no account with that username.",
        _ => refusal.Fault.Text,
    };

    private sealed record ChosenPassword(string Text, bool Made);
}
