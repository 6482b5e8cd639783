document.title = 'lmstress';
