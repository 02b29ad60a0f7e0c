// Comforts only: every page works without this.

// Copy buttons, where the browser lets a page write to the clipboard.
for (const button of navigator.clipboard ? document.querySelectorAll('button[data-copy]') : []) {
  const { textContent: label, dataset } = button
  const status = button.nextElementSibling
  button.hidden = false
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(dataset.copy).textContent)
    button.textContent = status.textContent = dataset.done
    setTimeout(() => {
      button.textContent = label
      status.textContent = ''
    }, 2000)
  })
}

// Enter on a checkbox would press the form's first button.
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.target.type === 'checkbox') event.preventDefault()
})
