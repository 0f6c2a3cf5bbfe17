using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Xml.Linq;
using Grainflow.Storage.Credentials;
using Grainflow.Storage.Hosting;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Grainflow.WebConsole.Services;

/// <summary>
/// The data protection keys of ASP.NET Core in the database, sealed as secrets are, so that a browser whose gateway has died goes on at another one.
/// </summary>
/// <param name="keys">Stores them.</param>
/// <param name="sealer">Seals and opens them.</param>
/// <param name="clock">The time at which a key is stored.</param>
[SuppressMessage("Usage", "VSTHRD002:Avoid problematic synchronous waits", Justification = "The interface of ASP.NET Core is synchronous. It is called at the first page and once a day, on no thread that a query needs.")]
internal sealed class PageKeyRepository(PageKeys keys, ISecretSealer sealer, TimeProvider clock) : IXmlRepository
{
    /// <summary>Whose secrets the keys are: those of no user.</summary>
    private const string Owner = "platform";

    private const string Purpose = "page keys";

    public IReadOnlyCollection<XElement> GetAllElements() => Task.Run(ReadAsync).GetAwaiter().GetResult();

    public void StoreElement(XElement element, string friendlyName) => Task.Run(() => StoreAsync(element, friendlyName)).GetAwaiter().GetResult();

    private async Task<IReadOnlyCollection<XElement>> ReadAsync()
    {
        var elements = new List<XElement>();
        foreach (var (_, sealedKey) in await keys.ListAsync(CancellationToken.None))
            elements.Add(XElement.Parse(Encoding.UTF8.GetString(await sealer.OpenAsync(Owner, Purpose, sealedKey, CancellationToken.None))));
        return elements;
    }

    private async Task StoreAsync(XElement element, string name)
    {
        var text = Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting));
        await keys.AddAsync(name, await sealer.SealAsync(Owner, Purpose, text, CancellationToken.None), clock.GetUtcNow(), CancellationToken.None);
    }
}
